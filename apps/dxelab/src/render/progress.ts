const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_TIME = 80;
/** From when on it is said how long it takes, in milliseconds. */
const LONG = 3000;
const ERASE_LINE = '\r\u001B[K';

/** Where a boot is, on a terminal: one line that is gone when the boot is over. In a pipe: nothing. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #timer: NodeJS.Timeout | undefined;
  #phase = 'starting';
  #frame = 0;
  #start = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  start(): void {
    if (!this.#stream.isTTY || process.env['TERM'] === 'dumb') return;
    this.#start = performance.now();
    this.#timer = setInterval(() => this.#draw(), FRAME_TIME);
  }

  show(phase: string): void {
    this.#phase = phase;
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#stream.write(ERASE_LINE);
  }

  #draw(): void {
    this.#frame = (this.#frame + 1) % FRAMES.length;
    const spent = performance.now() - this.#start;
    const time = spent < LONG ? '' : ` ${Math.floor(spent / 1000)} s`;
    this.#stream.write(`${ERASE_LINE}${FRAMES[this.#frame] ?? ''} ${this.#phase} …${time}`);
  }
}
