import { expect, test } from "@jest/globals";
import { fixed, signed, table } from "../../scripts/lib/markdown.js";

test("fixed and signed print numbers for people, and no number as a dash", () => {
	expect(fixed(1234.567, 1)).toBe("1,234.6");
	expect(fixed(Number.NaN, 1)).toBe("–");
	expect(signed(12.6)).toBe("+13");
	expect(signed(-1234.4)).toBe("−1,234");
	expect(signed(0.2)).toBe("0");
	expect(signed(-0.2)).toBe("0");
});

test("table aligns the columns of numbers to the right", () => {
	expect(table(["what", "how many:"], [["one", 1]])).toBe(
		"| what | how many |\n| ---- | -------: |\n| one  |        1 |",
	);
});
