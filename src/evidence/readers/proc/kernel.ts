/** /proc/version, /proc/meminfo and what a kernel log says of the silicon. Source: Linux init/version.c, fs/proc/meminfo.c, drivers/clocksource/arm_arch_timer.c, drivers/of/fdt.c. */
import { type ArtefactReader, eachLineIn, makeFact, placeOfLine, unreadable, wholeOf } from '../../reader.ts';
import type { BootLog, KernelVersion, Said } from '../../values/index.ts';

/** The longest kernel banner seen is 400 characters. */
const BANNER_MAX = 4096;
/** Boots whose timer lines are kept: a log may hold several. */
const TIMERS_MAX = 64;

/** `Linux version 3.4.0-gd853d22 (builder@host) (gcc version 4.7 (GCC)) #1 SMP …`; undefined where it is none. */
export function parseKernelVersion(text: string): KernelVersion | undefined {
  const line = text.slice(0, BANNER_MAX).trim();
  const [, release, rest = ''] = /^Linux version (\S+)(.*)$/s.exec(line) ?? [];
  if (release === undefined) return undefined;
  const builtBy = /^ \(([^()]*)\)/.exec(rest)?.[1];
  const compiler = /\((?=[^()]*(?:gcc|clang|LLVM))(.*)\) #\d/s.exec(rest)?.[1] ?? /(?:gcc version|clang version) [\w.]+/.exec(rest)?.[0];
  return {
    text: line,
    release,
    version: /^\d+\.\d+(\.\d+)?/.exec(release)?.[0],
    builtBy,
    compiler,
    machine: undefined,
  };
}

export const versionReader: ArtefactReader = {
  kinds: ['proc/version', 'uname'],
  read(artefact) {
    for (const line of eachLineIn(artefact)) {
      // `uname -a` puts the host's name in between.
      const banner = line.text.replace(/^Linux (?!version )\S+ (\d+\.\d+\S*)/, 'Linux version $1');
      const value = parseKernelVersion(banner);
      if (value === undefined) continue;
      const machine = /\b(aarch64|armv\dl|armv8l|i686|x86_64|riscv64)\b/.exec(banner)?.[1];
      return {
        facts: [
          makeFact('kernel', { ...value, text: line.text.trim(), machine }, { standing: 'shown', place: placeOfLine(artefact, line) }),
        ],
        unread: [],
      };
    }
    return unreadable('it holds no `Linux version` line');
  },
};

export const meminfoReader: ArtefactReader = {
  kinds: ['proc/meminfo'],
  read(artefact) {
    const said = new Map<string, number>();
    for (const line of eachLineIn(artefact)) {
      const [, key, digits] = /^(MemTotal|MemAvailable|SwapTotal):\s{0,40}(\d{1,12}) kB/.exec(line.text) ?? [];
      if (key !== undefined && !said.has(key)) said.set(key, Number(digits) * 1024);
    }
    if (said.size === 0) return unreadable('it states no memory');
    const value = { totalBytes: said.get('MemTotal'), availableBytes: said.get('MemAvailable'), swapTotalBytes: said.get('SwapTotal') };
    return { facts: [makeFact('memory', value, { standing: 'shown', place: wholeOf(artefact) })], unread: [] };
  },
};

/** What the bootloader told the kernel. */
export const commandLineReader: ArtefactReader = {
  kinds: ['proc/cmdline'],
  read(artefact) {
    for (const line of eachLineIn(artefact)) {
      if (line.text.trim() === '') continue;
      const place = placeOfLine(artefact, line);
      const value: BootLog = {
        machine: undefined,
        timerHertz: [],
        linuxVersion: undefined,
        commandLine: { value: line.text.trim(), place },
      };
      return { facts: [makeFact('boot-log', value, { standing: 'shown', place })], unread: [] };
    }
    return unreadable('it is blank');
  },
};

export const dmesgReader: ArtefactReader = {
  kinds: ['dmesg'],
  read(artefact) {
    const timerHertz: Said<number>[] = [];
    let machine: BootLog['machine'];
    let linuxVersion: BootLog['linuxVersion'];
    let commandLine: BootLog['commandLine'];
    for (const line of eachLineIn(artefact)) {
      const { text } = line;
      const place = placeOfLine(artefact, line);
      if (linuxVersion === undefined && text.includes('Linux version '))
        linuxVersion = { value: text.slice(text.indexOf('Linux version ')), place };
      else if (commandLine === undefined && text.includes('Kernel command line: '))
        commandLine = { value: text.slice(text.indexOf('Kernel command line: ') + 'Kernel command line: '.length), place };
      else if (machine === undefined && /\bMachine( model)?: /.test(text))
        machine = { value: text.replace(/^.*?\bMachine(?: model)?: /s, '').trim(), place };
      const hertz = timerHertz.length < TIMERS_MAX ? timerHertzIn(text) : undefined;
      if (hertz !== undefined) timerHertz.push({ value: hertz, place });
    }
    const value: BootLog = { machine, timerHertz, linuxVersion, commandLine };
    // A log whose beginning was overwritten says none of it, and still is a log.
    const kernel = linuxVersion === undefined ? undefined : parseKernelVersion(linuxVersion.value);
    return {
      facts: [
        makeFact('boot-log', value, { standing: 'shown', place: wholeOf(artefact) }),
        ...(kernel === undefined || linuxVersion === undefined
          ? []
          : [makeFact('kernel', kernel, { standing: 'shown', place: linuxVersion.place })]),
      ],
      unread: [],
    };
  },
};

/** The rate of the architected timer, as `Architected cp15 timer(s) running at 19.20MHz`, `arch_timer: cp15 timer(s) running at 13.00MHz (virt)` state it. */
function timerHertzIn(text: string): number | undefined {
  if (!text.includes('timer')) return undefined;
  // Two loops a tick: a delay loop that counts the timer has twice its rate in BogoMIPS. Source: Linux init/calibrate.c, arch/arm64/kernel/time.c.
  const bogoMips = /value calculated using timer frequency\.\. (\d{1,5}\.\d{1,2}) BogoMIPS/.exec(text)?.[1];
  if (bogoMips !== undefined) return Math.round(Number(bogoMips) * 500_000);
  const [, number, unit] = /timer.{0,40} running at (\d{1,6}(?:\.\d{1,9})?) ?(MHz|kHz|Hz)/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const scale = unit?.toLowerCase() === 'mhz' ? 1_000_000 : unit?.toLowerCase() === 'khz' ? 1000 : 1;
  return Math.round(Number(number) * scale);
}
