package dev.troupe.lm.internal;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import dev.troupe.lm.Message;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A Jinja template of a tokenizer, rendered as transformers does it. */
public final class ChatTemplate {

  /** A template that asks for more than this runs wild. */
  private static final long LONGEST_OUTPUT = 64L << 20;

  private static final Pattern TAG = Pattern.compile("\\{[{%](.*?)[%}]\\}", Pattern.DOTALL);
  private static final Pattern TEXT =
      Pattern.compile("'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"");
  private static final Pattern FILTER = Pattern.compile("\\|\\s*([a-zA-Z_]\\w*)");

  private final Jinjava jinja;
  private final String template;
  private final Map<String, String> tokens;

  /**
   * Of a template's text.
   *
   * @param tokens variables such as {@code bos_token}
   */
  public ChatTemplate(String template, Map<String, String> tokens) {
    this.template = JinjaWhitespace.resolve(template);
    this.tokens = tokens;
    this.jinja =
        new Jinjava(
            JinjavaConfig.newBuilder()
                // what a message says is text, even if it looks like Jinja
                .withNestedInterpretationEnabled(false)
                .withMaxOutputSize(LONGEST_OUTPUT)
                .withLegacyOverrides(LegacyOverrides.newBuilder().withEvaluateMapKeys(true).build())
                .build());
    jinja
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "raise_exception", ChatTemplate.class, "raise", String.class));
    refuseUnknownFilters();
  }

  /**
   * Jinjava takes a filter that it does not know for one that gives nothing. Many templates name
   * filters in branches that are never taken, so only those that are reached are an error.
   */
  private void refuseUnknownFilters() {
    for (Matcher tag = TAG.matcher(template); tag.find(); ) {
      String code = TEXT.matcher(tag.group(1)).replaceAll("''");
      for (Matcher filter = FILTER.matcher(code); filter.find(); ) {
        if (jinja.getGlobalContext().getFilter(filter.group(1)) == null) {
          jinja.getGlobalContext().registerFilter(new UnknownFilter(filter.group(1)));
        }
      }
    }
  }

  /** Fails where it is applied. */
  private static final class UnknownFilter implements Filter {
    private final String name;

    UnknownFilter(String name) {
      this.name = name;
    }

    @Override
    public String getName() {
      return name;
    }

    @Override
    public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
      throw new IllegalArgumentException("unknown filter '" + name + "'");
    }
  }

  /** {@code raise_exception} of transformers' templates: the template refuses its input. */
  @SuppressWarnings("DoNotCallSuggester") // templates call it
  public static Object raise(String message) {
    throw new IllegalArgumentException(message);
  }

  /** See {@link dev.troupe.lm.Tokenizer#render}. */
  public String render(List<Message> messages, boolean generationPrompt) {
    Map<String, Object> variables = new HashMap<>(tokens);
    variables.put("add_generation_prompt", generationPrompt);
    variables.put(
        "messages",
        messages.stream()
            .map(message -> Map.of("role", message.role(), "content", message.content()))
            .toList());
    RenderResult result = jinja.renderForResult(template, variables);
    if (!result.getErrors().isEmpty()) {
      throw new IllegalArgumentException(
          "chat template: "
              + result.getErrors().stream()
                  .map(ChatTemplate::reason)
                  .collect(Collectors.joining("; ")));
    }
    return result.getOutput();
  }

  /** The innermost cause: what {@code raise_exception} was given. */
  private static String reason(TemplateError error) {
    Throwable cause = error.getException();
    while (cause != null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause == null || cause.getMessage() == null
        ? error.getMessage()
        : "line %d: %s".formatted(error.getLineno(), cause.getMessage());
  }
}
