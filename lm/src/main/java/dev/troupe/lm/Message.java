package dev.troupe.lm;

/**
 * One turn of a conversation.
 *
 * @param role {@code system}, {@code user} or {@code assistant}, or what the template knows
 */
public record Message(String role, String content) {}
