"""What browsers and programs fetch beside GraphQL: uploads and files."""
