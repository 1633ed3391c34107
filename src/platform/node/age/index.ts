export { decryptFile, encryptFile, isAgeFile } from './age.ts';
