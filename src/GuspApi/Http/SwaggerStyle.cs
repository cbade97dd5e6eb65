namespace GuspApi.Http;

/// <summary>Swagger UI in the style of <see cref="HtmlPage"/>: the same ink, blue and letters, no banner, no shadows.</summary>
internal static class SwaggerStyle
{
    public const string Head = """
        <style>
        body{background:#fff}.swagger-ui,.swagger-ui .info .title,.swagger-ui .opblock-tag,.swagger-ui .opblock .opblock-summary-description,.swagger-ui .info p,.swagger-ui .info li,.swagger-ui .info table,.swagger-ui table thead tr th,.swagger-ui .btn,.swagger-ui label,.swagger-ui select,.swagger-ui .response-col_status{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:#1b2430}
        .swagger-ui .topbar{display:none}.swagger-ui .wrapper{max-width:68rem;padding:0 1.25rem}.swagger-ui .info{margin:2.2rem 0 1rem}.swagger-ui .info a,.swagger-ui .info .title small pre{color:#1d4e80}
        .swagger-ui .info .title small{background:#1d4e80;border-radius:3px}.swagger-ui .info .title small pre{color:#fff}.swagger-ui .scheme-container{box-shadow:none;background:#f3f6fa;padding:1rem 0}
        .swagger-ui .opblock-tag{border-bottom:2px solid #1b2430;font-size:1.3rem}.swagger-ui .opblock{box-shadow:none;border-radius:0;margin:0 0 .4rem}.swagger-ui .opblock .opblock-summary-method{border-radius:3px;text-shadow:none;color:#fff}
        .swagger-ui .opblock.opblock-get,.swagger-ui .opblock.opblock-put,.swagger-ui .opblock.opblock-post{border-color:#c6ced8;background:#fff}.swagger-ui .opblock.opblock-delete{border-color:#a3312a;background:#fff}
        .swagger-ui .opblock.opblock-get .opblock-summary-method{background:#1d4e80}.swagger-ui .opblock.opblock-put .opblock-summary-method{background:#7a4a00}.swagger-ui .opblock.opblock-post .opblock-summary-method{background:#1f6b45}.swagger-ui .opblock.opblock-delete .opblock-summary-method{background:#a3312a}
        .swagger-ui .btn{box-shadow:none;border-radius:3px}.swagger-ui .btn.authorize{border-color:#1d4e80;color:#1d4e80}.swagger-ui .btn.authorize svg{fill:#1d4e80}.swagger-ui .btn.execute{background:#1d4e80;border-color:#1d4e80;color:#fff}.swagger-ui .opblock .opblock-section-header{box-shadow:none;background:#f3f6fa}
        .swagger-ui .opblock-summary-description,.swagger-ui .opblock .opblock-section-header h4,.swagger-ui .parameter__type,.swagger-ui .info table td{color:#1b2430}
        </style>
        """;
}
