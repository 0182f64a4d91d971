/**
 * What a job leaves for its reader: one self-contained {@code report.html} with tables and line
 * plots, and the same as data in {@code report.json}.
 */
package dev.troupe.core.report;
