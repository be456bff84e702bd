import type { Output } from "./terminal.js";

const CLEAR_LINE = "\r\u001b[2K";

const WIDTH = 24;

/** Redrawing more often than this (ms) costs time and is not seen. */
const REDRAW_MS = 100;

/** A bar on a terminal; nothing anywhere else. */
export const createProgressBar = (stream: Output) => {
	const isShown = stream.isTTY === true && process.env.TERM !== "dumb";
	let drawnAt = Number.NEGATIVE_INFINITY;
	return {
		/** @param share from 0 to 1; undefined if the end is not known */
		show(text: string, share?: number): void {
			if (!isShown || performance.now() - drawnAt < REDRAW_MS) return;
			drawnAt = performance.now();
			const filled = Math.round(WIDTH * Math.min(1, share ?? 0));
			const bar = `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${Math.floor(100 * (share ?? 0))} %`;
			stream.write(`${CLEAR_LINE}${text}${share === undefined ? " …" : ` ${bar}`}`);
		},
		clear(): void {
			if (isShown) stream.write(CLEAR_LINE);
		},
	};
};
