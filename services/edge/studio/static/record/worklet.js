// Gathers what the microphone hears, on the browser's own thread for sound, and hands it on in pieces.
const SAMPLES = 1024; // 43 ms at 24 kHz: the meter moves, and the page is not asked all the time

class Gatherer extends AudioWorkletProcessor {
  #piece = new Float32Array(SAMPLES);
  #filled = 0;

  process([input]) {
    for (const sample of input[0] ?? []) {
      this.#piece[this.#filled++] = sample;
      if (this.#filled < SAMPLES) continue;
      this.port.postMessage(this.#piece, [this.#piece.buffer]);
      this.#piece = new Float32Array(SAMPLES);
      this.#filled = 0;
    }
    return true;
  }
}
registerProcessor("gatherer", Gatherer);
