"""Pages of dispatch: planning, the week, visits on the phone, stations and technicians."""
