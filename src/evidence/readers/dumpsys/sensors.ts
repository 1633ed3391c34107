/**
 * `dumpsys sensorservice`: `0x01010001) LSM6DSO | STMicro | ver: 1 | type: android.sensor.accelerometer(1) | …`; before Android 7 without the handle in front, `version=1 |android.sensor…`.
 * Source: AOSP frameworks/native services/sensorservice/SensorList.cpp, SensorService.cpp (dump).
 */
import { type ArtefactReader, eachLineIn, makeFact, unreadable, wholeOf } from '../../reader.ts';
import type { Sensor } from '../../values/index.ts';
import { collect } from '../collect.ts';

export const sensorReader: ArtefactReader = {
  kinds: ['dumpsys/sensorservice'],
  read(artefact) {
    const sensors = collect<Sensor>('sensors', 10_000);
    for (const line of eachLineIn(artefact)) {
      if (!line.text.includes('|')) {
        // What follows the list speaks of clients and events.
        if (sensors.list.length > 0 && /^(Active|Recent|Fusion|Total)\b/.test(line.text)) break;
        continue;
      }
      const columns = line.text.slice(0, 1000).split('|');
      const [first = '', vendor = '', ...rest] = columns.map((column) => column.trim());
      const type = rest.map(typeIn).find((found) => found !== undefined);
      // C writes a handle of nought without its 0x.
      const name = first.replace(/^(?:0x[0-9a-f]+|0+)\) /, '');
      if (type !== undefined && name !== '') sensors.add({ name, vendor, type });
    }
    if (sensors.list.length === 0) return unreadable('it lists no sensor');
    return { facts: [makeFact('sensors', sensors.list, { standing: 'told', place: wholeOf(artefact) })], unread: sensors.dropped() };
  },
};

const typeIn = (column: string) =>
  /^(?:type: )?((?:[a-z]\w*\.)+[\w.]+)(?:\(\d+\))?$/.exec(column)?.[1] ?? /^0x[0-9a-f]{8}$/.exec(column)?.[0];
