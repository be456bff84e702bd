/** Delays that can all be ended early. */
export class Sleeper {
	readonly #sleeping = new Set<() => void>();
	#isAwake = false;

	/** Resolves after so many ms, or once `wakeAll` has been called. */
	sleep(ms: number): Promise<void> {
		if (this.#isAwake) return Promise.resolve();
		return new Promise((resolve) => {
			const wake = () => {
				clearTimeout(timer);
				this.#sleeping.delete(wake);
				resolve();
			};
			const timer = setTimeout(wake, ms);
			this.#sleeping.add(wake);
		});
	}

	/** Ends every delay, and any that would begin later. */
	wakeAll(): void {
		this.#isAwake = true;
		for (const wake of this.#sleeping) wake();
	}
}
