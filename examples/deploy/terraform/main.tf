terraform {
  required_version = ">= 1.5"

  required_providers {
    archive = {
      source  = "hashicorp/archive"
      version = "~> 2.4"
    }
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.20" # the first with nodejs24.x
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "archive_file" "orders" {
  type        = "zip"
  source_file = "${path.module}/../dist/handler.mjs"
  output_path = "${path.module}/../dist/handler.zip"
}

resource "aws_lambda_function" "orders" {
  function_name    = "orders"
  role             = aws_iam_role.orders.arn
  runtime          = "nodejs24.x"
  architectures    = ["arm64"]
  handler          = "handler.handler"
  filename         = data.archive_file.orders.output_path
  source_code_hash = data.archive_file.orders.output_base64sha256
  timeout          = 10

  logging_config {
    log_format = "JSON"
  }
}

resource "aws_iam_role" "orders" {
  name = "orders"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "orders_logs" {
  role       = aws_iam_role.orders.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

# Not an inline_policy of the role: the role would then wait for the function, which waits for the role.
resource "aws_iam_role_policy" "orders_self_invoke" {
  name = "self-invoke"
  role = aws_iam_role.orders.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = aws_lambda_function.orders.arn
    }]
  })
}

resource "aws_scheduler_schedule" "orders_warmup" {
  name                = "orders-warmup"
  schedule_expression = "rate(5 minutes)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.orders.arn
    role_arn = aws_iam_role.orders_scheduler.arn
    input    = jsonencode({ warmer = true, concurrency = 5 })

    retry_policy {
      maximum_retry_attempts = 0
    }
  }

  # The first ping needs the permission.
  depends_on = [aws_iam_role_policy.orders_self_invoke]
}

resource "aws_iam_role" "orders_scheduler" {
  name = "orders-scheduler"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = data.aws_caller_identity.current.account_id
          "aws:SourceArn"     = "arn:aws:scheduler:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:schedule-group/default"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "orders_scheduler" {
  name = "send-ping"
  role = aws_iam_role.orders_scheduler.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = aws_lambda_function.orders.arn
    }]
  })
}
