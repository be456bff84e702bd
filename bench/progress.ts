/** Real time, in ms, also where the clocks are virtual. */
const now = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/** Says how far a part is: in place on a terminal, else a line every ten seconds. */
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
