"""The functions behind the commands, one module each; `nuportal` has them under their names."""
