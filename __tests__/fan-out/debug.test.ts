import util from "node:util";
import { expect, jest, test } from "@jest/globals";
import { debug } from "../../src/fan-out/debug.js";

test("passes a message on to the section that NODE_DEBUG turns on", () => {
	const write = jest.fn<(...message: unknown[]) => void>();
	const debuglog = jest.fn((_section: string) => write);
	const getBuiltinModule = jest
		.spyOn(process, "getBuiltinModule")
		.mockReturnValue({ ...util, debuglog } as unknown as typeof util);
	debug("round %d over %s", 1, "direct");
	getBuiltinModule.mockRestore();
	expect(debuglog).toHaveBeenCalledWith("middy-lambda-warmer");
	expect(write).toHaveBeenCalledWith("round %d over %s", 1, "direct");
});
