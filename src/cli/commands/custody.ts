import { Command } from 'commander';
import { locateCommand } from './custody-locate.ts';

/** `assay custody locate` */
export function custodyCommand(): Command {
  return new Command('custody').description('Where phones have been, and where they were altered.').addCommand(locateCommand());
}
