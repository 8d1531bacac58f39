"""The pages: the desk for clerks, the form for residents. A form becomes one call of a service and then a page."""
