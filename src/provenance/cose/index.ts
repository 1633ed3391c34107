export { signCose, type VerifiedCose, verifyCose } from './sign1.ts';
export { type ReceiptParts, signReceipt, signTransparent, type VerifiedTransparent, verifyTransparent } from './transparent.ts';
