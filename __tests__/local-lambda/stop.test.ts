import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { groupOf, INVOKE_PATH, pidsOf, signedHeaders, startWith, stateOf, until } from "./support.js";

const childrenOf = (parent: number): number[] =>
	readdirSync("/proc")
		.map(Number)
		.filter((pid) => {
			if (!pid || stateOf(pid) === undefined) return false;
			const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
			return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === parent;
		});

test("leaves no process and no port, and may be called again", async () => {
	const before = childrenOf(process.pid);
	const lambda = await startWith();
	await Promise.all([lambda.invoke("api"), lambda.invoke("api")]);
	await lambda.settle();
	expect(pidsOf(lambda)).toHaveLength(2);
	await Promise.all([lambda.stop(), lambda.stop()]);
	await lambda.stop();
	expect(pidsOf(lambda).map(stateOf)).toEqual([undefined, undefined]);
	expect(childrenOf(process.pid)).toEqual(before);
	await expect(fetch(lambda.endpoint)).rejects.toThrow();
	expect(await lambda.invoke("api")).toMatchObject({ status: 500 });
});

test("ends invocations that run, start, are delayed or wait for a retry", async () => {
	const lambda = await startWith(
		{ coldStartMs: 200 },
		{ delivery: { RequestResponse: { median: 60_000, p99: 60_000 } }, fault: () => "hang" },
	);
	await lambda.invoke("api", { throw: "now" }, { invocationType: "Event" });
	await until(() => lambda.invocations[0]?.error !== undefined);
	const busy = lambda.invoke("api", { waitMs: 60_000 });
	await until(() => lambda.timeline.events.filter(({ kind }) => kind === "invoke").length === 2);
	const starting = lambda.invoke("api");
	await lambda.invoke("api", {}, { invocationType: "Event" });
	const delayed = lambda.invoke("api", {}, { delivery: true });
	const hanging = fetch(lambda.endpoint + INVOKE_PATH, { method: "POST", headers: signedHeaders(lambda, "") });
	await until(() => lambda.invocations.length === 6);
	const broken = expect(hanging).rejects.toThrow();
	await lambda.stop();
	expect(await busy).toMatchObject({ functionError: "Unhandled" });
	expect(await starting).toMatchObject({ functionError: "Unhandled" });
	expect(await delayed).toMatchObject({ status: 500 });
	await broken;
	expect(pidsOf(lambda).map(stateOf)).toEqual([undefined]);
});

test("leaves nothing behind when the parent is killed", async () => {
	const { NODE_OPTIONS: _, ...env } = process.env;
	const parent = spawn(process.execPath, ["--import", "tsx", fileURLToPath(new URL("./parent.mts", import.meta.url))], {
		env,
		stdio: ["ignore", "pipe", "inherit"],
	});
	const [line] = await once(parent.stdout, "data");
	const { environments, certificate } = JSON.parse(String(line)) as {
		environments: number[];
		certificate: string;
	};
	const frozen = (pid: number) => stateOf(pid) === "T";
	await until(() => environments.filter(frozen).length === 1);
	const all = childrenOf(parent.pid ?? 0);
	expect(all).toEqual(expect.arrayContaining(environments));
	expect(all.length).toBeGreaterThan(environments.length);
	const folders = [certificate, ...environments.flatMap((pid) => groupOf(pid) ?? [])];
	expect(folders.every((folder) => existsSync(folder))).toBe(true);
	parent.kill("SIGKILL");
	await once(parent, "exit");
	await until(() => all.every((pid) => stateOf(pid) === undefined));
	expect(folders.some((folder) => existsSync(folder))).toBe(false);
});

test("refuses Windows, and says what to use", async () => {
	const { platform } = process;
	Object.defineProperty(process, "platform", { value: "win32" });
	try {
		await expect(startWith()).rejects.toThrow("use WSL");
	} finally {
		Object.defineProperty(process, "platform", { value: platform });
	}
});
