import { basename, extname } from "node:path";
import type { FunctionOptions } from "./function-options.js";
import { handlerPath } from "./variables.js";

/** Shares are written in decimals, whose sum may be off by a rounding error. */
const SHARE_TOLERANCE = 1e-9;

const checkHandler = (name: string, handler: string | URL): void => {
	const path = handlerPath(handler);
	// Lambda cuts a handler string ("file.handler") at its first dot.
	if (basename(path, extname(path)).includes(".")) {
		throw new TypeError(`${name}: the file name of ${path} has a dot: rename the file`);
	}
};

/** Throws a `TypeError` if the options of a function contradict each other, or cannot work. */
export const checkFunction = (name: string, { handler, versions = {}, aliases = {} }: FunctionOptions): void => {
	checkHandler(name, handler);
	for (const version of Object.values(versions)) if (version.handler) checkHandler(name, version.handler);
	for (const [alias, target] of Object.entries(aliases)) {
		if (typeof target === "string") continue;
		const total = Object.values(target).reduce((sum, share) => sum + share, 0);
		if (Math.abs(total - 1) > SHARE_TOLERANCE) {
			throw new TypeError(`${name}: the shares of alias ${alias} add up to ${total}: they must add up to 1`);
		}
	}
};
