/** Says how far a part is: in place on a terminal, else a line every ten seconds. */
export const progress = (part: string, total: number) => {
	const begun = Date.now();
	let done = 0;
	let saidAt = 0;
	return (what = "") => {
		done++;
		const elapsed = Math.round((Date.now() - begun) / 1000);
		const line = `${part}: ${done} of ${total}, ${elapsed} s ${what}`;
		if (process.stderr.isTTY) {
			process.stderr.write(`\r\x1b[K${line}${done === total ? "\n" : ""}`);
		} else if (done === total || Date.now() - saidAt > 10_000) {
			saidAt = Date.now();
			process.stderr.write(`${line}\n`);
		}
	};
};
