terraform {
  required_version = ">= 1.3" # the first with optional attributes

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}
