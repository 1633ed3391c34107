export { signCose, type VerifiedCose, verifyCose } from './sign1.ts';
