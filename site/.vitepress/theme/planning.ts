/**
 * Plans for a file, as the command `plan` does. It runs in a worker, so that the page stays responsive.
 *
 * @module
 */

import {
	createParser,
	createPlan,
	DEFAULT_PLAN_OPTIONS,
	type Parsed,
	type Plan,
	requestsByHour,
} from "../../../plan/index.js";

/** What a visitor can change. The defaults are those of the command. */
export interface Settings {
	/** Counts only this function's requests; empty for all. */
	functionName: string;
	/** Undefined if the file decides, or else 1 s. */
	initMs: number | undefined;
	assumedDurationMs: number;
	pingEveryMs: number;
	memoryMb: number;
	maxConcurrency: number;
}

/** What the page shows. */
export interface Answer {
	readonly plan: Plan;
	readonly requestsByHour: readonly number[];
	readonly initMs: number;
	readonly file: Pick<Parsed, "functions" | "badLineCount" | "badLines" | "coldStarts" | "hasDurations">;
}

const DEFAULT_INIT_MS = 1000;

/** The settings that the command has without options. */
export const DEFAULT_SETTINGS: Settings = {
	functionName: "",
	initMs: undefined,
	assumedDurationMs: 300,
	pingEveryMs: DEFAULT_PLAN_OPTIONS.world.pingEveryMs,
	memoryMb: DEFAULT_PLAN_OPTIONS.memoryGb * 1024,
	maxConcurrency: DEFAULT_PLAN_OPTIONS.world.limits.maxConcurrency,
};

/**
 * @param onProgress gets a share, from 0 to 1
 * @throws ParseError or Error if the file has no requests
 */
export const planFile = async (
	file: Blob,
	settings: Settings,
	onProgress: (share: number) => void,
): Promise<Answer> => {
	const { functionName, assumedDurationMs, pingEveryMs, memoryMb, maxConcurrency } = settings;
	const parser = createParser({ functionName: functionName === "" ? undefined : functionName, assumedDurationMs });
	const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
	for (let piece = await reader.read(); !piece.done; piece = await reader.read()) parser.push(piece.value);
	const parsed = parser.end();
	const { requests, coldStarts, functions, badLineCount, badLines, hasDurations } = parsed;
	if (requests.startedAt.length === 0) throw new Error("no requests were found");
	const initMs = settings.initMs ?? (coldStarts > 0 ? parsed.initMs : DEFAULT_INIT_MS);
	const plan = await createPlan(requests, {
		...DEFAULT_PLAN_OPTIONS,
		world: { ...DEFAULT_PLAN_OPTIONS.world, initMs, pingEveryMs, limits: { minConcurrency: 1, maxConcurrency } },
		memoryGb: memoryMb / 1024,
		onProgress: (done, total) => onProgress(done / total),
	});
	const about = { functions, badLineCount, badLines, coldStarts, hasDurations };
	return { plan, requestsByHour: requestsByHour(requests), initMs, file: about };
};
