import type { PluginUtils, Serverless } from "./framework.js";
import { createInvoke } from "./invoke.js";
import { Prewarm } from "./prewarm.js";
import { roleIdOf, type WarmFunction, warmupResources } from "./resources.js";
import { FUNCTION_SCHEMA, problemOf, SETTINGS_SCHEMA } from "./schema.js";
import { type FunctionSettings, type FunctionWarmup, settingsOf, type WarmupSettings } from "./settings.js";
import { targetOf } from "./target.js";

/**
 * A plugin for the Serverless Framework (3 and 4) and osls (3 and 4). It gives each function with `warmup` its schedule
 * of pings and the permission to invoke itself.
 */
export class WarmupPlugin {
	/** The framework ignores the plugin for any other provider. */
	readonly provider = "aws";

	/** What the framework calls, and when. */
	readonly hooks: Record<string, () => void | Promise<void>>;

	readonly #serverless: Serverless;
	readonly #log: PluginUtils["log"];
	#prewarm: Prewarm | undefined;

	/** Called by the framework. */
	constructor(serverless: Serverless, _options: unknown, { log }: PluginUtils) {
		this.#serverless = serverless;
		this.#log = log;
		serverless.configSchemaHandler.defineCustomProperties({ properties: { warmup: SETTINGS_SCHEMA } });
		serverless.configSchemaHandler.defineFunctionProperties("aws", { properties: { warmup: FUNCTION_SCHEMA } });
		this.hooks = {
			initialize: () => this.#validate(),
			// After every plugin that adds aliases or roles, in whatever order they are listed.
			"before:aws:package:finalize:stripNullPropsFromTemplateResources": () => this.#addResources(),
			"before:aws:deploy:deploy:updateStack": () => this.#remember(),
			"after:deploy:deploy": () => this.#warm(),
		};
	}

	#validate(): void {
		const { service } = this.#serverless;
		const warmup = service.custom?.warmup;
		const problems = [
			warmup === undefined ? undefined : problemOf(warmup, SETTINGS_SCHEMA, "custom.warmup"),
			...service.getAllFunctions().map((name) => {
				const { warmup } = service.getFunction(name);
				return warmup === undefined ? undefined : problemOf(warmup, FUNCTION_SCHEMA, `functions.${name}.warmup`);
			}),
		].filter((problem) => problem !== undefined);
		if (problems.length > 0) throw this.#error(problems.join("; "), "WARMUP_INVALID_SETTINGS");
	}

	#addResources(): void {
		const template = this.#serverless.service.provider.compiledCloudFormationTemplate;
		const functions = this.#warmFunctions();
		for (const fn of functions) this.#warnAbout(fn);
		Object.assign(template.Resources, warmupResources(functions, template));
	}

	async #remember(): Promise<void> {
		if (this.#serverless.service.provider.shouldNotDeploy) return;
		await this.#prewarmer().remember(this.#prewarmedFunctions());
	}

	async #warm(): Promise<void> {
		if (this.#serverless.service.provider.shouldNotDeploy) return;
		const failures = await this.#prewarmer().warm(this.#prewarmedFunctions());
		if (failures.length === 0) return;
		throw this.#error(`The service is deployed, but ${failures.join("; ")}`, "WARMUP_MINIMUM_COVERAGE");
	}

	#warmFunctions(): WarmFunction[] {
		const { service } = this.#serverless;
		return service.getAllFunctions().flatMap((name) => {
			const settings = this.#settingsOf(name);
			return settings ? [this.#warmFunction(name, settings)] : [];
		});
	}

	#prewarmedFunctions(): WarmFunction[] {
		return this.#warmFunctions().filter(({ settings: { prewarm = false } }) => prewarm !== false);
	}

	#settingsOf(name: string): FunctionSettings | undefined {
		const { service } = this.#serverless;
		// #validate has checked both.
		const custom = service.custom?.warmup as WarmupSettings | undefined;
		const warmup = service.getFunction(name).warmup as FunctionWarmup | undefined;
		return settingsOf(custom, warmup, this.#serverless.getProvider("aws").getStage());
	}

	#warmFunction(name: string, settings: FunctionSettings): WarmFunction {
		const { service } = this.#serverless;
		const { naming } = this.#serverless.getProvider("aws");
		const { name: lambdaName } = service.getFunction(name);
		const logicalId = naming.getLambdaLogicalId(name);
		const idPrefix = naming.getNormalizedFunctionName(name);
		const template = service.provider.compiledCloudFormationTemplate;
		try {
			const target = targetOf(template, logicalId, lambdaName, settings.alias);
			return { name, idPrefix, logicalId, lambdaName, settings, target };
		} catch (error) {
			throw this.#error(`The function ${name} ${(error as Error).message}`, "WARMUP_SEVERAL_ALIASES");
		}
	}

	#warnAbout(fn: WarmFunction): void {
		const { service } = this.#serverless;
		if (!roleIdOf(fn, service.provider.compiledCloudFormationTemplate)) {
			this.#log.warning(
				`warmup: the role of ${fn.name} is not part of this service. Allow it lambda:InvokeFunction on ${fn.lambdaName}${fn.target.qualifier ? `:${fn.target.qualifier}` : ""}, or a ping reaches one environment only.`,
			);
		}
		if (service.getFunction(fn.name).provisionedConcurrency && fn.settings.alias === undefined) {
			this.#log.warning(
				`warmup: ${fn.name} has provisioned concurrency. Lambda keeps those environments warm, and the middleware does nothing in them: remove \`warmup\`.`,
			);
		}
		for (const { rate } of fn.settings.schedules) {
			if (!/^rate\([1-4] minutes?\)$/.test(rate)) continue;
			this.#log.warning(
				`warmup: ${rate} for ${fn.name} costs more than rate(5 minutes) and keeps no more environments warm, because Lambda keeps an idle environment longer than that.`,
			);
		}
	}

	#prewarmer(): Prewarm {
		this.#prewarm ??= new Prewarm(createInvoke(this.#serverless.getProvider("aws")), this.#log);
		return this.#prewarm;
	}

	#error(message: string, code: string): Error {
		return new this.#serverless.classes.Error(message, code);
	}
}
