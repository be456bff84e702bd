import { describe, expect, test } from "@jest/globals";
import {
	type BreakerDecision,
	createBreaker,
	type RoundHealth,
	type TransportKind,
} from "../../src/transport/breaker.js";

/** A round over a transport, what it decides, and whether the direct transport is allowed then. */
type Step = [kind: TransportKind, health: RoundHealth, decision: BreakerDecision, isAllowed: boolean];

const failing: Step[] = [
	["direct", "failed", "retry", false],
	["sdk", "failed", undefined, true],
];

describe("the breaker", () => {
	test.each<[string, Step[]]>([
		["stays with a direct transport that is answered", Array(3).fill(["direct", "answered", undefined, true])],
		[
			"disables a direct transport that fails before it was ever answered, if the SDK is answered",
			[
				["direct", "failed", "retry", false],
				["sdk", "answered", "disabled", false],
				["sdk", "answered", undefined, false],
				["sdk", "failed", undefined, false],
			],
		],
		[
			"allows the direct transport again if the SDK is not answered either, for whatever reason",
			[...failing, ["direct", "failed", "retry", false], ["sdk", "silent", undefined, true]],
		],
		[
			"allows the direct transport again if the SDK's round shows nothing",
			[
				["direct", "failed", "retry", false],
				["sdk", "unknown", undefined, true],
			],
		],
		[
			"disables it later, once the SDK is answered",
			[...failing, ...failing, ["direct", "failed", "retry", false], ["sdk", "answered", "disabled", false]],
		],
		[
			"forgives one failed round of a direct transport that was answered before",
			[
				["direct", "answered", undefined, true],
				["direct", "failed", "retry", false],
				["sdk", "answered", undefined, true],
				["direct", "answered", undefined, true],
				["direct", "failed", "retry", false],
				["sdk", "answered", undefined, true],
			],
		],
		[
			"disables a direct transport that was answered before, after two failed rounds",
			[
				["direct", "answered", undefined, true],
				["direct", "failed", "retry", false],
				["sdk", "answered", undefined, true],
				["direct", "failed", "retry", false],
				["sdk", "answered", "disabled", false],
			],
		],
		[
			"opens after two silent rounds on a direct transport that was never answered",
			[
				["direct", "silent", undefined, true],
				["direct", "silent", "retry", false],
				["sdk", "answered", "disabled", false],
			],
		],
		[
			"waits for two more silent rounds, if the SDK's was silent too",
			[
				["direct", "silent", undefined, true],
				["direct", "silent", "retry", false],
				["sdk", "silent", undefined, true],
				["direct", "silent", undefined, true],
				["direct", "silent", "retry", false],
			],
		],
		[
			"counts a silent round and a failed one together",
			[
				["direct", "silent", undefined, true],
				["direct", "failed", "retry", false],
			],
		],
		[
			"ignores silence on a direct transport that was answered before",
			[["direct", "answered", undefined, true], ...Array<Step>(3).fill(["direct", "silent", undefined, true])],
		],
		[
			"ignores silence between answers",
			[
				["direct", "silent", undefined, true],
				["direct", "answered", undefined, true],
				["direct", "silent", undefined, true],
			],
		],
		["learns nothing from rounds that show nothing", Array(4).fill(["direct", "unknown", undefined, true])],
	])("%s", (_, steps) => {
		const breaker = createBreaker(true);
		expect(breaker.isAllowed()).toBe(true);
		const seen = steps.map(
			([kind, health]): Step => [kind, health, breaker.recordRound(kind, health), breaker.isAllowed()],
		);
		expect(seen).toEqual(steps);
	});

	test.each<[string, () => ReturnType<typeof createBreaker>]>([
		["was never available", () => createBreaker(false)],
		[
			"was disabled",
			() => {
				const breaker = createBreaker(true);
				breaker.disable();
				return breaker;
			},
		],
	])("never allows a direct transport that %s, whatever the SDK does, and blames it for nothing", (_, create) => {
		const breaker = create();
		expect(breaker.isAllowed()).toBe(false);
		for (const health of ["failed", "silent", "unknown", "answered"] as const) {
			expect(breaker.recordRound("sdk", health)).toBeUndefined();
			expect(breaker.isAllowed()).toBe(false);
		}
	});
});
