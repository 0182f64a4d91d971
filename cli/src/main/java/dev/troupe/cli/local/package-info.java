/** A cluster on this machine: a coordinator and workers as child processes of the command. */
package dev.troupe.cli.local;
