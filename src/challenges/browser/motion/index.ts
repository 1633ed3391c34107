export { type MotionReading, readMotion } from './read-motion.ts';
export { isTurn, motionSteps, POSES, TURNS, type Vector as MotionVector, writeMotionQuestion } from './steps.ts';
