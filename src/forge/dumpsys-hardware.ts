/** Dumps of the services that tell of hardware. Sources: AOSP SurfaceFlinger.cpp, DisplayDeviceInfo.java, SensorService.cpp, CameraService.cpp, BatteryService.java of the phone's era. */
import { hash32 } from './content.ts';
import type { RunningState } from './dumpsys-package.ts';
import type { PhoneCamera } from './phone.ts';

export function dumpSurfaceFlinger({ phone, overrideSize }: RunningState): string {
  const { gpu, display } = phone;
  const [width, height] = overrideSize ?? [display.width, display.height];
  return [
    'Build configuration: [sf] [libui] [libgui]',
    'Visible layers (count = 3)',
    '+ Layer 0xb7e2e000 (com.android.systemui.ImageWallpaper)',
    `EGL implementation : 1.4${phone.sdk >= 29 ? '\nEGL_KHR_image EGL_KHR_image_base EGL_ANDROID_presentation_time' : ''}`,
    `GLES: ${gpu.vendor}, ${gpu.renderer}, ${gpu.version}`,
    gpu.extensions.join(' '),
    `  Region undefinedRegion (this=0xb7d2f0a8, count=1)`,
    `    [  0,   0, ${width}, ${height}]`,
    `  orientation=0, isDisplayOn=1`,
    `  refresh-rate              : ${display.refreshRate.toFixed(6)} fps`,
    `  x-dpi                     : ${display.xDpi.toFixed(6)}`,
    `  y-dpi                     : ${display.yDpi.toFixed(6)}`,
    'h/w composer state:',
    '  h/w composer present and enabled',
    '',
  ].join('\n');
}

export function dumpDisplay({ phone, overrideSize, overrideDensity }: RunningState): string {
  const { display } = phone;
  const [width, height] = overrideSize ?? [display.width, display.height];
  const density = overrideDensity ?? display.density;
  const info = (w: number, h: number, d: number) =>
    `DisplayInfo{"Built-in Screen", uniqueId "local:0", app ${w} x ${h}, real ${w} x ${h}, largest app ${h} x ${h}, smallest app ${w} x ${w}, ${display.refreshRate.toFixed(1)} fps, rotation 0, density ${d} (${display.xDpi} x ${display.yDpi}) dpi, layerStack 0, type BUILT_IN, FLAG_SECURE, FLAG_SUPPORTS_PROTECTED_BUFFERS}`;
  return [
    'DISPLAY MANAGER (dumpsys display)',
    '  mOnlyCore=false',
    '  mSafeMode=false',
    '  mPendingTraversal=false',
    '  mGlobalDisplayState=ON',
    '',
    'Display Adapters: size=4',
    '  LocalDisplayAdapter',
    '',
    'Display Devices: size=1',
    `  DisplayDeviceInfo{"Built-in Screen": uniqueId="local:0", ${display.width} x ${display.height}, modeId 1, ${display.refreshRate.toFixed(6)} fps, density ${display.density}, ${display.xDpi} x ${display.yDpi} dpi, touch INTERNAL, rotation 0, type BUILT_IN, state ON, FLAG_DEFAULT_DISPLAY, FLAG_ROTATES_WITH_CONTENT, FLAG_SECURE, FLAG_SUPPORTS_PROTECTED_BUFFERS}`,
    '    mAdapter=LocalDisplayAdapter',
    '',
    'Logical Displays: size=1',
    '  Display 0:',
    '    mDisplayId=0',
    '    mLayerStack=0',
    '    mHasContent=true',
    '    mPrimaryDisplayDevice=Built-in Screen',
    `    mBaseDisplayInfo=${info(display.width, display.height, display.density)}`,
    `    mOverrideDisplayInfo=${info(width, height, density)}`,
    '',
  ].join('\n');
}

export function dumpCameras({ phone }: RunningState): string {
  const { cameras, sdk } = phone;
  if (sdk < 24) {
    const devices = cameras.map((camera, i) =>
      [
        `Camera ${i} information:`,
        `  Facing: ${camera.facing === 'back' ? 'BACK' : 'FRONT'}`,
        `  Orientation: ${camera.facing === 'back' ? 90 : 270}`,
        '  Device version: 0x100',
        '  Device is closed, no client instance',
        '',
      ].join('\n'),
    );
    return `Camera module HAL API version: 0x1\nCamera module API version: 0x100\nCamera module name: ${phone.silicon.maker} Camera HAL Module\nCamera module author: ${phone.silicon.maker}\nNumber of camera devices: ${cameras.length}\n\n${devices.join('\n')}\n`;
  }
  const devices = cameras.map(
    (camera, i) => `== Camera HAL device device@3.5/internal/${i} (v3.5) static information: ==\n${staticInformation(camera)}`,
  );
  return `== Service global info: ==\n\nNumber of camera devices: ${cameras.length}\nNumber of normal camera devices: ${cameras.length}\n${cameras.map((_, i) => `    Device ${i} maps to "${i}"\n`).join('')}Active Camera Clients:\n[]\n\n${devices.join('\n')}\n`;
}

function staticInformation(camera: PhoneCamera): string {
  const [width, height] = camera.pixelArray;
  const entry = (name: string, tag: string, type: string, values: readonly (string | number)[]) =>
    `      ${name} (${tag}): ${type}[${values.length}]\n        [${values.join(' ')} ]\n`;
  return [
    '    Resource cost: 50\n    Conflicting devices: None\n    API1 info:\n',
    `      Has a flash unit: ${camera.facing === 'back'}\n      Facing: ${camera.facing === 'back' ? 'Back' : 'Front'}\n      Orientation: 90\n`,
    '    API2 camera characteristics:\n      Dumping camera metadata array: 60 / 60 entries, 20000 / 20000 bytes of extra data.\n        Version: 1, Flags: 00000000\n',
    entry('android.lens.facing', '80005', 'byte', [camera.facing === 'back' ? 'BACK' : 'FRONT']),
    entry('android.lens.info.availableFocalLengths', '80002', 'float', [camera.focalLengthMm.toFixed(8)]),
    entry('android.sensor.info.activeArraySize', 'f0000', 'int32', [0, 0, width, height]),
    entry(
      'android.sensor.info.physicalSize',
      'f0005',
      'float',
      camera.physicalSizeMm.map((value) => value.toFixed(8)),
    ),
    entry('android.sensor.info.pixelArraySize', 'f0006', 'int32', [width, height]),
    entry('android.info.supportedHardwareLevel', '150000', 'byte', [camera.level]),
  ].join('');
}

const SENSOR_TYPES: Readonly<Record<string, number>> = {
  accelerometer: 1,
  magnetic_field: 2,
  orientation: 3,
  gyroscope: 4,
  light: 5,
  pressure: 6,
  proximity: 8,
  gravity: 9,
  linear_acceleration: 10,
  rotation_vector: 11,
  significant_motion: 17,
  step_detector: 18,
  step_counter: 19,
};

export function dumpSensors({ phone }: RunningState): string {
  const { sensors, sdk } = phone;
  if (sdk < 24) {
    const rows = sensors.map(
      ({ name, vendor, type }, i) =>
        `${name.padEnd(48)}| ${vendor.padEnd(32)}| ${type.padEnd(48)}| 0x${i.toString(16).padStart(8, '0')} | ""\n\tcontinuous       | maxRate= 100.00Hz | no batching |last=<${i}, 0.0, 9.8, 0.0>\n`,
    );
    return `Sensor List:\n${rows.join('')}Fusion States:\n9-axis fusion disabled (0 clients), gyro-rate= 200.00Hz\n`;
  }
  const rows = sensors.map(({ name, vendor, type }, i) => {
    const number = SENSOR_TYPES[type.replace('android.sensor.', '')] ?? 65_536;
    return `0x${(i + 1).toString(16).padStart(8, '0')}) ${name.padEnd(25)} | ${vendor.padEnd(15)} | ver: 1 | type: ${type}(${number}) | perm: n/a | flags: 0x00000000\n\tcontinuous | minRate=1.00Hz | maxRate=415.97Hz | no batching | non-wakeUp | \n`;
  });
  return `Captured at: 10:00:00.000\nSensor Device:\nTotal ${sensors.length} h/w sensors, ${sensors.length} running 0 disabled clients:\nSensor List:\n${rows.join('')}Fusion States:\n`;
}

export function dumpInput({ phone }: RunningState): string {
  const devices = phone.inputs.map(
    ({ path, name, maxX }, i) =>
      `    ${i + 1}: ${name}\n      Classes: 0x0000001${maxX === undefined ? 1 : 4}\n      Path: ${path}\n      Descriptor: ${hash32(name).toString(16).padStart(8, '0')}\n      Location: \n      UniqueId: \n      Identifier: bus=0x0018, vendor=0x0000, product=0x0000, version=0x0000\n`,
  );
  const touch = phone.inputs.find((input) => input.maxX !== undefined);
  const reader =
    touch === undefined
      ? ''
      : `  Device ${phone.inputs.indexOf(touch) + 1}: ${touch.name}\n    Motion Ranges:\n      X: source=0x00001002, min=0.000, max=${touch.maxX}.000, flat=0.000, fuzz=0.000, resolution=0.000\n      Y: source=0x00001002, min=0.000, max=${touch.maxY}.000, flat=0.000, fuzz=0.000, resolution=0.000\n`;
  return `INPUT MANAGER (dumpsys input)\n\nEvent Hub State:\n  BuiltInKeyboardId: -2\n  Devices:\n${devices.join('')}\nInput Reader State:\n${reader}`;
}

export function dumpBattery({ phone }: RunningState): string {
  const usb = phone.personality === 'android';
  return `Current Battery Service state:\n  AC powered: false\n  USB powered: ${usb}\n  Wireless powered: false\n  status: 2\n  health: 2\n  present: true\n  level: 84\n  scale: 100\n  voltage: 4173\n${phone.sdk < 21 ? '  current now: -202000\n' : ''}  temperature: 291\n  technology: Li-ion\n`;
}

export function dumpDiskStats({ phone }: RunningState): string {
  const line = (title: string, mountPoint: string) => {
    const mount = phone.mounts.find((one) => one.mountPoint === mountPoint);
    if (mount === undefined) return '';
    const free = mount.sizeBytes - mount.usedBytes;
    return `${title}-Free: ${Math.floor(free / 1024)}K / ${Math.floor(mount.sizeBytes / 1024)}K total = ${Math.floor((free * 100) / Math.max(mount.sizeBytes, 1))}% free\n`;
  };
  return `Latency: 1ms [512B Data Write]\n${line('Data', '/data')}${line('Cache', '/cache')}${line('System', phone.mounts.some((one) => one.mountPoint === '/system') ? '/system' : '/')}`;
}

/** `getevent -lp`. */
export function getEvents({ phone }: RunningState): string {
  return phone.inputs
    .map(({ path, name, maxX, maxY }, i) => {
      const axes =
        maxX === undefined
          ? '    KEY (0001): KEY_VOLUMEDOWN        KEY_VOLUMEUP          KEY_POWER             \n  input props:\n    <none>\n'
          : `    KEY (0001): BTN_TOUCH             \n    ABS (0003): ABS_MT_SLOT           : value 0, min 0, max 9, fuzz 0, flat 0, resolution 0\n                ABS_MT_POSITION_X     : value 0, min 0, max ${maxX}, fuzz 0, flat 0, resolution 0\n                ABS_MT_POSITION_Y     : value 0, min 0, max ${maxY}, fuzz 0, flat 0, resolution 0\n                ABS_MT_TRACKING_ID    : value 0, min 0, max 65535, fuzz 0, flat 0, resolution 0\n  input props:\n    INPUT_PROP_DIRECT\n`;
      return `add device ${i + 1}: ${path}\n  name:     "${name}"\n  events:\n${axes}`;
    })
    .join('');
}

/** `lshal`: one table, as of Android 8 to 15. */
export function listHals({ phone }: RunningState): string {
  const rows = phone.hals
    .filter((hal) => hal.transport !== 'aidl')
    .map(({ interface: name, transport, server }) => {
      const reach = transport === 'hwbinder' ? 'DM,FC' : 'DC   ';
      return `${reach} Y ${name.padEnd(90)} ${transport === 'hwbinder' ? '0/1       ' : '          '}  ${server}\n`;
    });
  const head =
    'Warning: Skipping "manager"\n| All HIDL binderized services (registered with hwservicemanager)\nVINTF R Interface                                                                                  Thread Use Server Clients\n';
  return `${head}${rows.join('')}\n`;
}
