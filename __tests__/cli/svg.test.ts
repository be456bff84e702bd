import { expect, test } from "@jest/globals";
import { levelsOf } from "../../cli/svg.js";

test("no line crosses a label of the figure", () => {
	const moment = (time: number, label: string) => ({ time, step: 1, label });
	const moments = [
		moment(0, "ping"),
		moment(3, "round 1"),
		moment(22, "hold ends"),
		moment(24, "round 2"),
		moment(77, "hold ends"),
	];
	expect(levelsOf(moments, 85)).toEqual([1, 0, 1, 0, 0]);
});
