import type { LocalLambda } from "../local-lambda/index.js";

/** The first entry of an action that an environment logged. */
export const logged = <Entry>({ logs }: LocalLambda, action: string): Entry | undefined => {
	for (const { message } of logs) {
		if ((message as { action?: string } | null)?.action === action) {
			return message as Entry;
		}
	}
	return undefined;
};
