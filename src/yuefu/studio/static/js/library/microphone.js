/** Listening to the microphone: a pitch forty times a second, until it is told to stop. Nothing is recorded or sent. */

import { midiOf, pitchOf } from "./pitch.js";

const EVERY = 25; // milliseconds
const LONGEST = 20; // seconds

/**
 * @param {(track: {second: number, midi: number|null}[]) => void} onFrame
 * @param {() => void} onEnd after the longest time
 * @returns {Promise<() => {second: number, midi: number|null}[]>} stops, and gives the pitch track
 */
export async function listen(onFrame, onEnd) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: true } });
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 2048 });
  const source = context.createMediaStreamSource(stream);
  source.connect(analyser);
  const sound = new Float32Array(analyser.fftSize);
  const track = [];
  const began = context.currentTime;
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(sound);
    const hertz = pitchOf(sound, context.sampleRate);
    track.push({ second: context.currentTime - began, midi: hertz === null ? null : midiOf(hertz) });
    onFrame(track);
    if (context.currentTime - began > LONGEST) onEnd();
  }, EVERY);
  return () => {
    clearInterval(timer);
    source.disconnect();
    stream.getTracks().forEach((one) => one.stop());
    context.close();
    return track;
  };
}
