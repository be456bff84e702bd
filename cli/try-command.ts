import { writeFile } from "node:fs/promises";
import { CommandError } from "./command-error.js";
import { createTerminal, formatMs } from "./terminal.js";
import { drawFigure, type Figure } from "./timeline-svg.js";
import { countColdStarts } from "./trial.js";
import { parseTryOptions } from "./try-options.js";
import { medianDurationMs, type TrialResult, tellStory } from "./try-story.js";

export { usage } from "./try-options.js";

/** Whether every environment was warm, and the sentence that says so. */
export const summarizeTrial = (
	count: number,
	{ ping, nextPing, warm }: Pick<TrialResult, "ping" | "nextPing" | "warm">,
): { isWarm: boolean; text: string } => {
	const coldStarts = countColdStarts(warm);
	const warmCount = Math.min(ping.reached, nextPing.reached, count - coldStarts);
	return {
		isWarm: warmCount >= count,
		text: `Verdict: ${warmCount} of ${count} environments warm, ${coldStarts} of ${count} cold starts after the ping.`,
	};
};

/** What the drawing shows. */
const toFigure = (count: number, { ping, cold, warm, timelines }: TrialResult): Figure => {
	const data = {
		requested: count,
		warmed: ping.reached,
		coldStartsBefore: countColdStarts(cold),
		coldStartsAfter: countColdStarts(warm),
		medianMsBefore: medianDurationMs(cold),
		medianMsAfter: medianDurationMs(warm),
	};
	return {
		title: `Median request: ${formatMs(data.medianMsBefore)} ms → ${formatMs(data.medianMsAfter)} ms`,
		subtitle: [
			`Of ${count} simultaneous requests, ${data.coldStartsBefore} meet a cold start without a ping and ${data.coldStartsAfter} after it. The ping warms ${data.warmed} of ${count} environments.`,
		],
		timelines,
		data,
	};
};

export const run = async (args: string[], signal: AbortSignal, terminal = createTerminal()): Promise<number> => {
	const options = parseTryOptions(args);
	if (process.platform === "win32") {
		throw new CommandError(
			"the local Lambda suspends and resumes processes, which Windows does not support: use WSL, Linux or macOS",
		);
	}
	const { concurrency, svg } = options;
	const result = await tellStory(options, terminal, signal);
	if (svg !== undefined) {
		await writeFile(svg, `${drawFigure(toFigure(concurrency, result))}\n`);
		terminal.say("", `The timeline is drawn in ${svg}.`);
	}
	const { isWarm, text } = summarizeTrial(concurrency, result);
	terminal.say("");
	terminal.tell(text);
	return isWarm ? 0 : 1;
};
