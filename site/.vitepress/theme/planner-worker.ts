import { type Answer, planFile, type Settings } from "./planning.js";

/** What the page sends. */
export interface PlannerRequest {
	readonly file: Blob;
	readonly settings: Settings;
}

/** What the worker sends: any number of shares, then an answer or a problem. */
export type PlannerMessage = { share: number } | { answer: Answer } | { problem: string };

const send = (message: PlannerMessage): void => self.postMessage(message);

self.addEventListener("message", async ({ data: { file, settings } }: MessageEvent<PlannerRequest>) => {
	try {
		send({ answer: await planFile(file, settings, (share) => send({ share })) });
	} catch (error) {
		send({ problem: error instanceof Error ? error.message : String(error) });
	}
});
