"""The way in from outside: Gateway or NGINX settings, certificate authority, certificates and TLS."""
