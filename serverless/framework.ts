/** The parts of the framework that the plugin uses, alike in Serverless Framework 3 and 4 and in osls 3 and 4. */
export interface Serverless {
	readonly service: {
		readonly custom?: { readonly warmup?: unknown };
		readonly provider: {
			readonly compiledCloudFormationTemplate: Template;
			/** True once the framework has found that nothing has changed since the last deployment. */
			readonly shouldNotDeploy?: boolean;
		};
		getAllFunctions(): string[];
		getFunction(name: string): FunctionConfig;
	};
	readonly classes: { readonly Error: new (message: string, code: string) => Error };
	readonly configSchemaHandler: {
		defineCustomProperties(schema: object): void;
		defineFunctionProperties(provider: string, schema: object): void;
	};
	getProvider(name: "aws"): AwsProvider;
}

/** A function's part of the configuration, as far as the plugin reads it. */
export interface FunctionConfig {
	/** The name that Lambda knows the function by. */
	readonly name: string;
	readonly warmup?: unknown;
	readonly provisionedConcurrency?: unknown;
}

export interface AwsProvider {
	readonly naming: {
		getLambdaLogicalId(functionName: string): string;
		getNormalizedFunctionName(functionName: string): string;
	};
	getStage(): string;
	/** Only in Serverless Framework 3 and 4 and osls 3: in osls 4, it throws. */
	request(service: string, method: string, params: object): Promise<InvokeResponse>;
	/** Only in osls 4, in place of `request`. */
	getAwsSdkV3Config?(): Promise<object>;
}

/** Lambda's answer to an invocation, of the AWS SDK's version 2 or 3. */
export interface InvokeResponse {
	readonly FunctionError?: string | undefined;
	readonly Payload?: string | Uint8Array | undefined;
}

/** What the framework hands to a plugin for writing to the terminal. */
export interface PluginUtils {
	readonly log: Record<"error" | "warning" | "notice" | "info", (message: string) => void>;
}

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A CloudFormation template. */
export interface Template {
	readonly Resources: Record<string, Resource>;
}

export interface Resource {
	readonly Type: string;
	readonly Condition?: string;
	readonly DependsOn?: string | string[];
	readonly Properties?: { readonly [key: string]: Json };
}
