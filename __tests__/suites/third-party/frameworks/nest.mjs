import "reflect-metadata";
import serverlessExpress from "@codegenie/serverless-express";
import { Controller, Get, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";

class OrdersController {
	list() {
		return { framework: "nest" };
	}
}
// What TypeScript makes of decorators.
const { prototype } = OrdersController;
Get()(prototype, "list", Object.getOwnPropertyDescriptor(prototype, "list"));
Controller("orders")(OrdersController);

class AppModule {}
Module({ controllers: [OrdersController] })(AppModule);

export const startApplication = async () => {
	const app = await NestFactory.create(AppModule, { logger: false });
	await app.init();
	return serverlessExpress({ app: app.getHttpAdapter().getInstance() });
};
