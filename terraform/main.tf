locals {
  # arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME
  arn        = split(":", var.function.arn)
  target_arn = join(":", compact([var.function.arn, var.alias]))
  name       = coalesce(var.name, substr(join("-", compact([var.function.function_name, var.alias, "warmup"])), 0, 64))

  ping = {
    for field, value in {
      (var.flag)              = true
      (var.concurrency_field) = try(tonumber(var.concurrency), var.concurrency)
    } : field => value if value != null
  }
}

resource "aws_scheduler_schedule" "this" {
  name                         = local.name
  description                  = "Keeps execution environments of ${var.function.function_name} warm"
  schedule_expression          = var.schedule
  schedule_expression_timezone = var.timezone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = local.target_arn
    role_arn = aws_iam_role.scheduler.arn
    input    = jsonencode(local.ping)

    # A late ping adds nothing that the next one does not.
    retry_policy {
      maximum_retry_attempts = 0
    }
  }

  # The first ping needs both permissions.
  depends_on = [aws_iam_role_policy.send_ping, aws_iam_role_policy.self_invoke]
}

resource "aws_iam_role" "scheduler" {
  # Names of roles are shared by all regions.
  name_prefix          = "${substr(local.name, 0, 37)}-"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = local.arn[4]
          # The service names the schedule's group here, never the schedule itself.
          "aws:SourceArn" = "arn:${local.arn[1]}:scheduler:${local.arn[3]}:${local.arn[4]}:schedule-group/default"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "send_ping" {
  name = "send-ping"
  role = aws_iam_role.scheduler.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = local.target_arn
    }]
  })
}

# Not an inline_policy of the role: the role would then wait for the function, which waits for the role.
resource "aws_iam_role_policy" "self_invoke" {
  count = var.self_invoke ? 1 : 0

  # Two regions may share a role, in which the names of policies have to differ.
  name = "${local.name}-${local.arn[3]}"
  role = regex("[^/]+$", var.function.role)

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = local.target_arn
      # Functions that share the role cannot invoke each other by it.
      Condition = {
        ArnLikeIfExists = {
          "lambda:SourceFunctionArn" = [var.function.arn, "${var.function.arn}:*"]
        }
      }
    }]
  })
}
