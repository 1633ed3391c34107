import type { PolicyParts } from '../../formats/android/index.ts';

/** The part of a maker's policy that checks look at: no permissive domain, and nobody but init loads another. */
export const MAKERS_POLICY: PolicyParts = {
  types: ['kernel', 'init', 'shell', 'adbd', 'untrusted_app', 'system_server', 'system_file', 'shell_data_file', 'app_data_file'],
  classes: {
    file: ['read', 'write', 'open', 'execute', 'getattr'],
    process: ['fork', 'transition', 'sigchld'],
    security: ['compute_av', 'load_policy', 'setenforce'],
  },
  allow: [
    ['init', 'kernel', 'security', ['load_policy']],
    ['shell', 'system_file', 'file', ['read', 'open', 'execute', 'getattr']],
    ['shell', 'shell_data_file', 'file', ['read', 'write', 'open', 'execute']],
    ['untrusted_app', 'app_data_file', 'file', ['read', 'write', 'open']],
    ['untrusted_app', 'system_file', 'file', ['read', 'open', 'execute', 'getattr']],
    ['system_server', 'app_data_file', 'file', ['read', 'write', 'getattr']],
    ['adbd', 'shell', 'process', ['transition']],
  ],
};
