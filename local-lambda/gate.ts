/** Lets so many through at once; the others wait in the order in which they came. */
export class Gate {
	readonly #waiting: (() => void)[] = [];
	#free: number;

	constructor(places: number) {
		this.#free = places;
	}

	/** Resolves when there is a place, which is then taken. */
	async enter(): Promise<void> {
		if (this.#free > 0) {
			this.#free -= 1;
			return;
		}
		await new Promise<void>((resolve) => this.#waiting.push(resolve));
	}

	/** Gives a place to the next who waits. */
	leave(): void {
		const next = this.#waiting.shift();
		if (next) next();
		else this.#free += 1;
	}
}
