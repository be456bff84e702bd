import { createHash } from "node:crypto";
import {
	CfnElement,
	DefaultTokenResolver,
	type IPostProcessor,
	type IResolvable,
	type IResolveContext,
	Reference,
	Stack,
	StringConcat,
	Tokenization,
} from "aws-cdk-lib";
import type { CfnFunction } from "aws-cdk-lib/aws-lambda";

/**
 * Hashes the template of a function and of everything that it refers to, directly or indirectly: a changed layer keeps
 * its logical id, so the function's own template does not show the change. Call it at synthesis, when the app is complete.
 */
export function functionFingerprint(resource: CfnFunction): string {
	const templates = [...withReferences(resource)].map((element) => templateOf(element));
	return createHash("sha256").update(JSON.stringify(templates)).digest("hex");
}

/**
 * Lists each `Ref` and `Fn::GetAtt` of a function's properties. CloudFormation compares their values at deployment,
 * which shows what synthesis does not know: parameters, and values of SSM parameters among them.
 *
 * Larger expressions are not listed whole: one that contains a dynamic reference would resolve a secret.
 */
export function functionReferences(resource: CfnFunction): unknown[] {
	const found = new Map<string, unknown>();
	const visit = (value: unknown): void => {
		if (typeof value !== "object" || value === null) return;
		const [key] = Object.keys(value);
		if (key === "Ref" || key === "Fn::GetAtt") found.set(JSON.stringify(value), value);
		else Object.values(value).forEach(visit);
	};
	visit(templateOf(resource));
	return [...found.values()];
}

function templateOf(element: CfnElement): unknown {
	return Stack.of(element).resolve(element._toCloudFormation());
}

/** The element and what it refers to, in the order in which the references stand. */
function withReferences(element: CfnElement, found = new Set<CfnElement>()): Set<CfnElement> {
	if (found.has(element)) return found;
	found.add(element);
	const resolver = new ReferenceCollector();
	Tokenization.resolve(element._toCloudFormation(), { scope: element, resolver, preparing: false });
	for (const target of resolver.targets) withReferences(target, found);
	return found;
}

class ReferenceCollector extends DefaultTokenResolver {
	readonly targets = new Set<CfnElement>();

	constructor() {
		super(new StringConcat());
	}

	override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
		if (Reference.isReference(token) && CfnElement.isCfnElement(token.target)) this.targets.add(token.target);
		return super.resolveToken(token, context, postProcessor);
	}
}
