package dev.troupe.core.options;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The option (a String, or a list of them) names files or folders. The command line makes relative
 * ones absolute, since the worker that opens them was started elsewhere; addresses ({@code
 * https://...}, {@code hf:ORG/NAME}) stay as they are. In the schema: {@code "format": "path"}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface FilePath {}
