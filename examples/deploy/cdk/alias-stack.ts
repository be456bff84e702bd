import { fileURLToPath } from "node:url";
import { Duration, Stack, type StackProps } from "aws-cdk-lib";
import { Architecture, LoggingFormat, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { WarmupSchedule } from "middy-lambda-warmer/cdk";

export class OrdersAliasStack extends Stack {
	constructor(scope: Construct, id: string, props?: StackProps) {
		super(scope, id, props);

		const orders = new NodejsFunction(this, "Orders", {
			runtime: Runtime.NODEJS_24_X,
			architecture: Architecture.ARM_64,
			entry: fileURLToPath(new URL("../handler.ts", import.meta.url)),
			bundling: { format: OutputFormat.ESM },
			timeout: Duration.seconds(10),
			loggingFormat: LoggingFormat.JSON,
			logGroup: new LogGroup(this, "OrdersLogs"),
		});

		// Traffic goes to the alias, so ping the alias.
		const prod = orders.addAlias("prod");
		new WarmupSchedule(this, "Warmup", { function: prod, concurrency: 5 });
	}
}
