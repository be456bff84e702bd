import { type Properties, parseYaml, type Resources, validated } from "./cloudformation.js";

export interface SamTemplate {
	Globals?: { Function: Properties };
	Resources: Resources;
}

/**
 * The CloudFormation resources that SAM makes of a template's functions, as far as schedules and permissions go: the
 * function, its role with the function's `Policies`, its alias, and per `ScheduleV2` the schedule and its role.
 */
export function expandSam({ Globals, Resources }: SamTemplate): Resources {
	const made = Object.entries(Resources).map(([id, resource]) =>
		resource.Type === "AWS::Serverless::Function"
			? expandFunction(id, { ...Globals?.Function, ...resource.Properties })
			: { [id]: resource },
	);
	// SAM's `!Ref OrdersFunction.Alias` is a reference to the alias that it makes.
	const text = JSON.stringify(Object.assign({}, ...made));
	return validated(JSON.parse(text.replace(/"(\w+)\.Alias"/g, '"$1Alias"')));
}

const role = (id: string, service: string, policies: unknown[]): string => `
${id}:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Statement: [{ Effect: Allow, Action: "sts:AssumeRole", Principal: { Service: ${service}.amazonaws.com } }]
    Policies: ${JSON.stringify(policies.map((PolicyDocument, i) => ({ PolicyName: `policy${i}`, PolicyDocument })))}
`;

function expandFunction(id: string, properties: Properties): Resources {
	const { Policies, Events, AutoPublishAlias, CodeUri: _, ...own } = properties;
	const schedules = Object.entries((Events ?? {}) as Record<string, Properties>).map(([name, { Type, Properties }]) => {
		if (Type !== "ScheduleV2") throw new Error(`${name} is no ScheduleV2`);
		const { ScheduleExpression, ScheduleExpressionTimezone, Input, RetryPolicy } = Properties as Properties;
		const arn = AutoPublishAlias ? { Ref: `${id}Alias` } : { "Fn::GetAtt": [id, "Arn"] };
		const Statement = [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: arn }];
		return `
${role(`${id}${name}Role`, "scheduler", [{ Statement }])}
${id}${name}:
  Type: AWS::Scheduler::Schedule
  Properties:
    FlexibleTimeWindow: { Mode: "OFF" }
    ScheduleExpression: ${ScheduleExpression}
    ${ScheduleExpressionTimezone ? `ScheduleExpressionTimezone: ${ScheduleExpressionTimezone}` : ""}
    Target: ${JSON.stringify({ Arn: arn, Input, RetryPolicy, RoleArn: { "Fn::GetAtt": [`${id}${name}Role`, "Arn"] } })}
`;
	});
	return parseYaml(`
${id}:
  Type: AWS::Lambda::Function
  Properties: ${JSON.stringify({ ...own, Code: { S3Bucket: "code", S3Key: "zip" }, Role: { "Fn::GetAtt": [`${id}Role`, "Arn"] } })}
${role(`${id}Role`, "lambda", [Policies ?? []].flat())}
${AutoPublishAlias ? `${id}Alias: { Type: AWS::Lambda::Alias, Properties: { Name: ${AutoPublishAlias}, FunctionName: !Ref ${id}, FunctionVersion: "1" } }` : ""}
${schedules.join("")}
`) as Resources;
}
