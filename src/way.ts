/**
 * The ways in which children travel to Lambda; and HTTP/2's credit, which rounds over it earn and lose.
 *
 * @module
 */

import type { Protocol } from "./report.js";

/** Signed here, over HTTP/2 (`direct`); or by the SDK's client, over HTTP/2 or HTTP/1.1. */
export type Way = "direct" | Protocol;

/** What a round tells of the way that it took. */
export interface RoundResult {
	/** Whether any child was served. */
	readonly answered: boolean;
	/** Whether every child failed for a reason of transport, protocol or signature. */
	readonly transport: boolean;
	/** Whether anything failed for a reason that another round does not cure. */
	readonly refused: boolean;
	/** How long answers were waited for (ms). */
	readonly waited: number;
}

/**
 * `retry`: HTTP/2 is doubted, and the next round, of this ping or the next one, goes over HTTP/1.1; `switched`: it did,
 * that worked, and this environment stays with it.
 */
export type Verdict = "retry" | "switched" | undefined;

/** Whether HTTP/2 is used in this environment. */
export interface Http2Credit {
	/** Whether the next round may go over it. */
	mayUse(): boolean;
	/** From now on no round does. */
	ruleOut(): void;
	/** Judges a round by the way that it took. */
	judge(way: Way, round: RoundResult): Verdict;
}

/**
 * After so many rounds over HTTP/2 in a row that were cut off, or without any answer ever though there was time (ms) for
 * one, that may be its fault.
 */
const mostVainRounds = 2;
const longEnough = 1000;

/** @param isPossible whether HTTP/2 is a way at all, as far as is known */
export const http2Credit = (isPossible: boolean): Http2Credit => {
	let state: "untried" | "works" | "doubted" | "ruled out" = isPossible ? "untried" : "ruled out";
	let vainRounds = 0;
	return {
		mayUse: () => state === "untried" || state === "works",
		ruleOut: () => {
			state = "ruled out";
		},
		judge: (way, { answered, transport, refused, waited }) => {
			if (way === "http/1.1") {
				if (state !== "doubted") return undefined;
				state = answered ? "ruled out" : "untried";
				return answered ? "switched" : undefined;
			}
			if (answered) {
				state = "works";
				vainRounds = 0;
				return undefined;
			}
			// What happens once happens over any protocol, and HTTP/1.1 may mean to load the SDK.
			const isReason = transport || (state === "untried" && waited >= longEnough);
			if (isReason) vainRounds++;
			if (vainRounds < (transport && refused ? 1 : mostVainRounds)) return undefined;
			vainRounds = 0;
			state = "doubted";
			return "retry";
		},
	};
};
