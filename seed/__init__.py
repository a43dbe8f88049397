"""Cities to try things on. Everything enters through the services, so no row exists that the rules would refuse."""
