/** Real time in ms, even while the clocks are fake. */
const now = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/** Prints a part's progress: in place on a terminal, otherwise one line every ten seconds. */
export const progress = (part: string, total: number) => {
	const begun = now();
	let done = 0;
	let saidAt = 0;
	return (what = "") => {
		done++;
		const elapsed = Math.round((now() - begun) / 1000);
		const line = `${part}: ${done} of ${total}, ${elapsed} s ${what}`;
		if (process.stderr.isTTY) {
			process.stderr.write(`\r\x1b[K${line}${done === total ? "\n" : ""}`);
		} else if (done === total || now() - saidAt > 10_000) {
			saidAt = now();
			process.stderr.write(`${line}\n`);
		}
	};
};
