"""Users in DynamoDB: tables, input and output, and Django's query tree executed on them. Only it imports PynamoDB."""
